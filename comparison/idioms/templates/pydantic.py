from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

app = FastAPI()
templates = Jinja2Templates(directory="templates")


@app.get("/products/{id}", response_class=HTMLResponse)
async def read_product(request: Request, id: str):
    return templates.TemplateResponse(
        request=request, name="product.html", context={"id": id}
    )
