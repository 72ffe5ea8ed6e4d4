"""How the schema came to be: one step a file under `versions`, run by `fieldops.store.migrate`."""
