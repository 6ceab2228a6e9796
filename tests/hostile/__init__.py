"""What means harm, through every door: markup into pages, images, texts for parsers."""
