"""Figures: functions of published tables. Each returns the figure and the numbers that it shows, long form."""
