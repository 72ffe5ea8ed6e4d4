"""The database: tables, migrations, and functions that load and save domain objects. Knows no rule of booking."""
