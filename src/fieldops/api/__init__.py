"""The web service: HTTP in, use cases behind, JSON out. Knows HTTP; decides nothing about the business."""
