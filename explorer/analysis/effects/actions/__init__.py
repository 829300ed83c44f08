"""One action by itself: ``dispatch`` picks its classifier, ``explain`` says its verdict, ``examples`` checks rules."""
