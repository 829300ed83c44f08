"""Groups and filters: who takes part, what is shown, and the rates of the chosen behaviours with intervals."""
