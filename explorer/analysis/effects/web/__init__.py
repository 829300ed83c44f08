"""What HTTP requests and clicks on a page do."""
