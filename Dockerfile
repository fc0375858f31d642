# The image of the service. compose.yaml runs it with PostgreSQL; docs/operations.md explains how.
FROM python:3.13-slim-trixie AS build
WORKDIR /app
COPY requirements.txt ./
RUN python -m venv .venv
RUN .venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.txt
COPY . ./
RUN .venv/bin/python -m compileall -q manage.py gunicorn.conf.py tasks todo_project
# A new volume takes over this owner, the user that serves.
RUN mkdir data && chown 10001:10001 data

FROM python:3.13-slim-trixie
WORKDIR /app
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    DATABASE_URL=sqlite:////app/data/db.sqlite3
USER 10001:10001
# Only SQLite writes here. Everything else may be read-only.
VOLUME /app/data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["python", "-m", "todo_project.server.healthcheck"]
CMD ["gunicorn", "todo_project.wsgi"]
