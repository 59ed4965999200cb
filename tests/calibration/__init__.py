"""What the study behind angles and thresholds is made of."""
