"""One module for each library, run in a process of its own: dumping and loading todos."""
