"""Speech: Chinese text becomes sound and the mouth shapes that go with it."""
