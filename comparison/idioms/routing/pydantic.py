from fastapi import APIRouter, FastAPI

router = APIRouter(prefix="/todos")


@router.get("/{todo_id}")
async def read_todo(todo_id: int):
    return {"id": todo_id}


app = FastAPI()
app.include_router(router)
