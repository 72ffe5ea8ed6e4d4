"""Travel times and road distances between places: one small Protocol and its providers."""
