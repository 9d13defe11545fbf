"""The figures behind `script/bench`: what is measured, against what, and the bar for each."""
