"""Files: named arrays and one JSON string in a file laid out as safetensors, written whole or not at all."""
