"""What becomes of the admin site's log in a database that has other users than Django."""
