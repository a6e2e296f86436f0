"""Weather: kills, races, faults and clocks, over one shared oracle."""
