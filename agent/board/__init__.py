"""The machine under the agent: what its kernel tells in files, and what of that is too much or too little."""
