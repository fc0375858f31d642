"""Tuned: SQLAlchemy Core on asyncpg, one statement a request, answers written by orjson without a response model.

Pages go by the last id of the page before. A conditional PUT is one UPDATE that compares the tag.
"""

import os
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import Depends, FastAPI, Header, HTTPException, Path, Query, Request, Response
from pydantic import BaseModel, StrictBool, StringConstraints
from sqlalchemy import Boolean, Column, DateTime, MetaData, String, Table, Text, Uuid, not_, select
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.peers.identifiers import uuid7

# AUTOCOMMIT: one statement is atomic by itself, without BEGIN and COMMIT around it.
engine = create_async_engine(
    os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://"),
    isolation_level="AUTOCOMMIT",
    pool_size=16,
    pool_reset_on_return=None,
)
tasks = Table(
    "tasks_task",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("user_id", String(255), nullable=False),
    Column("title", String(500), nullable=False),
    Column("description", Text),
    Column("is_completed", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)
FIELDS = ("id", "user_id", "title", "description", "is_completed", "created_at", "updated_at")
UserId = Annotated[str, Path(min_length=1, max_length=255)]
Limit = Annotated[int | None, Query(ge=1, le=1_000)]
IfMatch = Annotated[str | None, Header()]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Description = Annotated[str, StringConstraints(max_length=5_000)]


class TaskCreate(BaseModel):
    title: Title
    description: Description | None = None
    is_completed: StrictBool = False


class TaskUpdate(BaseModel):
    title: Title = ""
    description: Description | None = None
    is_completed: StrictBool = False


class TaskCompletion(BaseModel):
    is_completed: StrictBool | None = None


@asynccontextmanager
async def lifespan(app):
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


def parse_id(task_id: str):
    try:
        return UUID(task_id)
    except ValueError:
        raise HTTPException(404, "Task not found") from None


TaskId = Annotated[UUID, Depends(parse_id)]


def scoped(statement, user_id, task_id):
    return statement.where(tasks.c.user_id == user_id, tasks.c.id == task_id)


async def rows(statement):
    async with engine.connect() as connection:
        return [dict(zip(FIELDS, row, strict=False)) for row in await connection.execute(statement)]


def tag(moment):
    return f'"{moment.isoformat().replace("+00:00", "Z")}"'


def moment(tag):
    try:
        return datetime.fromisoformat(tag.strip('"'))
    except ValueError:
        raise HTTPException(412, "The task has changed") from None


async def one(statement):
    found = await rows(statement)
    if not found:
        raise HTTPException(404, "Task not found")
    return found[0]


def answer(content, status=200, **headers):
    body = orjson.dumps(content, default=str, option=orjson.OPT_UTC_Z)
    return Response(body, status, headers, media_type="application/json")


@app.get("/api/{user_id}/tasks")
async def list_tasks(
    request: Request,
    user_id: UserId,
    is_completed: bool | None = None,
    limit: Limit = None,
    cursor: UUID | None = None,
):
    wanted = tasks.select().where(tasks.c.user_id == user_id).order_by(tasks.c.id)
    if is_completed is not None:
        wanted = wanted.where(tasks.c.is_completed == is_completed)
    if cursor is not None:
        wanted = wanted.where(tasks.c.id > cursor)
    if limit is None:
        return answer(await rows(wanted))
    found = await rows(wanted.limit(limit + 1))
    page = found[:limit]
    if len(found) <= limit:
        return answer(page)
    following = request.url.include_query_params(cursor=page[-1]["id"])
    return answer(page, Link=f'<{following}>; rel="next"')


@app.post("/api/{user_id}/tasks")
async def create_task(user_id: UserId, body: TaskCreate):
    now = datetime.now(UTC)
    values = {"id": uuid7(), "user_id": user_id} | body.model_dump() | {"created_at": now, "updated_at": now}
    async with engine.connect() as connection:
        await connection.execute(tasks.insert().values(values))
    return answer(values, 201, Location=f"/api/{user_id}/tasks/{values['id']}")


@app.get("/api/{user_id}/tasks/{task_id}")
async def get_task(user_id: UserId, task_id: TaskId):
    task = await one(scoped(tasks.select(), user_id, task_id))
    return answer(task, ETag=tag(task["updated_at"]))


def updated(user_id, task_id, **values):
    statement = scoped(tasks.update(), user_id, task_id).values(updated_at=datetime.now(UTC), **values)
    return statement.returning(*tasks.c)


@app.put("/api/{user_id}/tasks/{task_id}")
async def update_task(user_id: UserId, task_id: TaskId, body: TaskUpdate, if_match: IfMatch = None):
    statement = updated(user_id, task_id, **body.model_dump(exclude_unset=True))
    if if_match in (None, "*"):
        return answer(await one(statement))
    if found := await rows(statement.where(tasks.c.updated_at == moment(if_match))):
        return answer(found[0])
    # Tells a task that has changed from one that does not exist.
    await one(scoped(select(tasks.c.id), user_id, task_id))
    raise HTTPException(412, "The task has changed")


@app.delete("/api/{user_id}/tasks/{task_id}")
async def delete_task(user_id: UserId, task_id: TaskId):
    await one(scoped(tasks.delete(), user_id, task_id).returning(tasks.c.id))
    return answer({"message": "Task deleted successfully"})


@app.patch("/api/{user_id}/tasks/{task_id}/complete")
async def toggle_task_complete(user_id: UserId, task_id: TaskId, body: TaskCompletion | None = None):
    wanted = body.is_completed if body else None
    changed = not_(tasks.c.is_completed) if wanted is None else wanted
    return answer(await one(updated(user_id, task_id, is_completed=changed)))
