"""Both twins on one database: the same tables, the same stored values, and one service."""
