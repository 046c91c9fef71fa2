"""Child processes: started, fed, watched and ended without leaving anything behind."""
