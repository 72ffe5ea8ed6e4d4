"""What goes in and out over HTTP: pydantic models, one module per noun."""
