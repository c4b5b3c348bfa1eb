import os
from pathlib import Path

# settings.py: Django's own; Ninja's begin with NINJA_
BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = os.environ.get("SECRET_KEY", "dev")
DEBUG = os.environ.get("DEBUG") == "1"
NINJA_PAGINATION_PER_PAGE = 50
NINJA_DEFAULT_THROTTLE_RATES = {"anon": "100/hour"}
