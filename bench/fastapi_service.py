"""What a user would write instead of a server: PyTorch's LSTM behind FastAPI, the states in a dict.
usage: python3 -m uvicorn --app-dir bench fastapi_service:app --no-access-log"""
import torch
from fastapi import FastAPI
from pydantic import BaseModel

torch.set_num_threads(1)
torch.manual_seed(1)
lstm = torch.nn.LSTM(128, 256).eval()
states = {}
app = FastAPI()


class Step(BaseModel):
    values: list[float]


@app.post("/sessions/{session}/step")
async def step(session: str, body: Step):
    with torch.inference_mode():
        output, state = lstm(torch.tensor(body.values).view(1, 1, -1), states.get(session))
    states[session] = state
    return {"session": session, "output": {"values": output.view(-1).tolist()}}
