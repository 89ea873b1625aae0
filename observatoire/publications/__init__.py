"""What a publication tells of itself: dictionary, schemas, notices, differences with another one."""
