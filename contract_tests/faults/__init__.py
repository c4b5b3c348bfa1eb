"""What was acknowledged is neither lost nor done twice, whatever breaks meanwhile."""
