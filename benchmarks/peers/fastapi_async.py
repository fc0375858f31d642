"""Tuned: SQLAlchemy Core on asyncpg, one statement a request, answers written by orjson without a response model."""

import os
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import Depends, FastAPI, HTTPException, Path, Response
from pydantic import BaseModel, StrictBool, StringConstraints
from sqlalchemy import Boolean, Column, DateTime, MetaData, String, Table, Text, Uuid, not_
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


async def one(statement):
    found = await rows(statement)
    if not found:
        raise HTTPException(404, "Task not found")
    return found[0]


def answer(content, status=200, **headers):
    body = orjson.dumps(content, default=str, option=orjson.OPT_UTC_Z)
    return Response(body, status, headers, media_type="application/json")


@app.get("/api/{user_id}/tasks")
async def list_tasks(user_id: UserId):
    return answer(await rows(tasks.select().where(tasks.c.user_id == user_id).order_by(tasks.c.id)))


@app.post("/api/{user_id}/tasks")
async def create_task(user_id: UserId, body: TaskCreate):
    now = datetime.now(UTC)
    values = {"id": uuid7(), "user_id": user_id} | body.model_dump() | {"created_at": now, "updated_at": now}
    async with engine.connect() as connection:
        await connection.execute(tasks.insert().values(values))
    return answer(values, 201, Location=f"/api/{user_id}/tasks/{values['id']}")


@app.get("/api/{user_id}/tasks/{task_id}")
async def get_task(user_id: UserId, task_id: TaskId):
    return answer(await one(scoped(tasks.select(), user_id, task_id)))


async def update(user_id, task_id, **values):
    statement = scoped(tasks.update(), user_id, task_id).values(updated_at=datetime.now(UTC), **values)
    return answer(await one(statement.returning(*tasks.c)))


@app.put("/api/{user_id}/tasks/{task_id}")
async def update_task(user_id: UserId, task_id: TaskId, body: TaskUpdate):
    return await update(user_id, task_id, **body.model_dump(exclude_unset=True))


@app.delete("/api/{user_id}/tasks/{task_id}")
async def delete_task(user_id: UserId, task_id: TaskId):
    await one(scoped(tasks.delete(), user_id, task_id).returning(tasks.c.id))
    return answer({"message": "Task deleted successfully"})


@app.patch("/api/{user_id}/tasks/{task_id}/complete")
async def toggle_task_complete(user_id: UserId, task_id: TaskId, body: TaskCompletion | None = None):
    wanted = body.is_completed if body else None
    return await update(user_id, task_id, is_completed=not_(tasks.c.is_completed) if wanted is None else wanted)
