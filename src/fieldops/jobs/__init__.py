"""Background work that survives crashes. DBOS is named in this package only."""
