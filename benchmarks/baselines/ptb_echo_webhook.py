"""Baseline: python-telegram-bot by webhook, served by Starlette as its example customwebhookbot.py shows."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Update
from telegram.ext import Application, CallbackQueryHandler

from benchmarks.baselines.environment import SERVER, TOKEN
from benchmarks.baselines.ptb_echo_sequential import answer

PORT = int(os.environ.get("BENCH_WEBHOOK_PORT", "0"))


async def main() -> None:
    """Serve until told to stop."""
    application: Application[Any, Any, Any, Any, Any, Any]
    application = Application.builder().token(TOKEN).base_url(f"{SERVER}/bot").updater(None).build()
    application.add_handler(CallbackQueryHandler(answer))

    async def telegram(request: Request) -> Response:
        await application.update_queue.put(Update.de_json(data=await request.json(), bot=application.bot))
        return Response()

    site = Starlette(routes=[Route("/telegram", telegram, methods=["POST"])])
    config = uvicorn.Config(site, port=PORT, host="127.0.0.1", access_log=False, log_level="warning")
    async with application:
        await application.start()
        serving = asyncio.create_task(uvicorn.Server(config).serve())
        await application.bot.set_webhook(f"http://127.0.0.1:{PORT}/telegram", allowed_updates=Update.ALL_TYPES)
        await serving
        await application.stop()


if __name__ == "__main__":
    asyncio.run(main())
