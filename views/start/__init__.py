"""The first five minutes: from files to the summary.

Knows the session and what the composition root hands in as functions (:class:`~views.start.services.StartServices`);
never which loader reads what.
"""
