"""What a machine that is not here would do: formulas calibrated on published ones."""
