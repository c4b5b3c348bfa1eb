from ninja import NinjaAPI, Router

router = Router()


@router.get("/{todo_id}")
def read_todo(request, todo_id: int):
    return {"id": todo_id}


api = NinjaAPI()
api.add_router("/todos/", router)
# urls.py: path("api/", api.urls)
