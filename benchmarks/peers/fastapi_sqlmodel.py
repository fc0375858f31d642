"""On psycopg2: synchronous endpoints, the default pool, a response model for each answer.

Pages are SQLModel's limit and offset. A conditional PUT reads the task, compares its tag, and writes.
"""

import os
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, Header, HTTPException, Path, Query, Response
from pydantic import BaseModel, StrictBool, StringConstraints
from sqlalchemy import Column, DateTime
from sqlmodel import Field, Session, SQLModel, create_engine, select

from benchmarks.peers.identifiers import uuid7

engine = create_engine(os.environ["DATABASE_URL"], connect_args={"options": "-c timezone=utc"})
app = FastAPI()

UserId = Annotated[str, Path(min_length=1, max_length=255)]
Limit = Annotated[int | None, Query(ge=1, le=1_000)]
Offset = Annotated[int, Query(ge=0)]
IfMatch = Annotated[str | None, Header()]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Description = Annotated[str, StringConstraints(max_length=5_000)]


def now():
    return datetime.now(UTC)


class Task(SQLModel, table=True):
    __tablename__ = "tasks_task"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    user_id: str = Field(max_length=255)
    title: str = Field(max_length=500)
    description: str | None = None
    is_completed: bool = False
    created_at: datetime = Field(default_factory=now, sa_column=Column(DateTime(timezone=True), nullable=False))
    updated_at: datetime = Field(default_factory=now, sa_column=Column(DateTime(timezone=True), nullable=False))


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


class TaskRead(BaseModel):
    id: UUID
    user_id: str
    title: str
    description: str | None
    is_completed: bool
    created_at: datetime
    updated_at: datetime


class Message(BaseModel):
    message: str


def session():
    with Session(engine) as opened:
        yield opened


Database = Annotated[Session, Depends(session)]


def find(database, user_id, task_id):
    try:
        wanted = UUID(task_id)
    except ValueError:
        raise HTTPException(404, "Task not found") from None
    task = database.exec(select(Task).where(Task.id == wanted, Task.user_id == user_id)).first()
    if task is None:
        raise HTTPException(404, "Task not found")
    return task


def save(database, task):
    task.updated_at = now()
    database.add(task)
    database.commit()
    database.refresh(task)
    return task


def tag(task):
    return f'"{task.updated_at.isoformat().replace("+00:00", "Z")}"'


@app.get("/api/{user_id}/tasks", response_model=list[TaskRead])
def list_tasks(
    user_id: UserId, database: Database, is_completed: bool | None = None, limit: Limit = None, offset: Offset = 0
):
    wanted = select(Task).where(Task.user_id == user_id)
    if is_completed is not None:
        wanted = wanted.where(Task.is_completed == is_completed)
    return database.exec(wanted.order_by(Task.id).offset(offset).limit(limit)).all()


@app.post("/api/{user_id}/tasks", response_model=TaskRead, status_code=201)
def create_task(user_id: UserId, body: TaskCreate, response: Response, database: Database):
    task = save(database, Task(user_id=user_id, **body.model_dump()))
    response.headers["Location"] = f"/api/{user_id}/tasks/{task.id}"
    return task


@app.get("/api/{user_id}/tasks/{task_id}", response_model=TaskRead)
def get_task(user_id: UserId, task_id: str, response: Response, database: Database):
    task = find(database, user_id, task_id)
    response.headers["ETag"] = tag(task)
    return task


@app.put("/api/{user_id}/tasks/{task_id}", response_model=TaskRead)
def update_task(user_id: UserId, task_id: str, body: TaskUpdate, database: Database, if_match: IfMatch = None):
    task = find(database, user_id, task_id)
    if if_match not in (None, "*", tag(task)):
        raise HTTPException(412, "The task has changed")
    task.sqlmodel_update(body.model_dump(exclude_unset=True))
    return save(database, task)


@app.delete("/api/{user_id}/tasks/{task_id}", response_model=Message)
def delete_task(user_id: UserId, task_id: str, database: Database):
    database.delete(find(database, user_id, task_id))
    database.commit()
    return {"message": "Task deleted successfully"}


@app.patch("/api/{user_id}/tasks/{task_id}/complete", response_model=TaskRead)
def toggle_task_complete(user_id: UserId, task_id: str, database: Database, body: TaskCompletion | None = None):
    task = find(database, user_id, task_id)
    wanted = body.is_completed if body else None
    task.is_completed = not task.is_completed if wanted is None else wanted
    return save(database, task)
