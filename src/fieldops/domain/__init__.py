"""What the business says: frozen data and rules, standard library only, no I/O and no clock."""
