"""A table as a picture: coordinates in the plane, clusters, axes with a meaning, pages and images of them."""
