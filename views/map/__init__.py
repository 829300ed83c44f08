"""The map: every trajectory as a point, placed by what it did. Points can be picked, lassoed and boxed; what is not
selected stays, greyed."""
