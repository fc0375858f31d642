"""Every variable of the environment: its default, and the sentence that a wrong value ends in."""
