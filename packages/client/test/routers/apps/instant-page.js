import "instant.page";
