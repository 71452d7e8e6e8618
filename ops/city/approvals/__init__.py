"""What lives of approval share: items with their limits, one case, shelters, fees, and lives that run side by side."""
