"""The figures of models/monitor through a server: each stream of the benchmark is a session that is shown one value after the other."""

import nab


def figures(server):
    def watch(stream):
        times, values, windows = stream
        session = server.post("sessions", {"model": "monitor"})["id"]
        replies = [server.post(f"sessions/{session}/observe", {"values": [value]}) for value in values]
        return times, windows, [reply.get("comparison", {}).get("anomaly", 0.0) for reply in replies]

    score, threshold = nab.best(server.map(watch, nab.read().values()))
    return {"nab/standard": round(score, 2), "nab/threshold": round(threshold, 5)}
