"""Figures: functions of published tables. Each returns the figure and the numbers that it shows, long form.

`width` is that of the figure in inches, of a page or of one column of a journal (`widths`); the numbers are the same.
"""
