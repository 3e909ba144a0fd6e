"""getFile: where the bytes of a file can be fetched."""

from sandbox.errors import bad_request
from sandbox.methods.registry import method
from sandbox.model import Json
from sandbox.params import Params
from sandbox.world import World

MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024


@method("getFile", recorded=False)
def get_file(world: World, params: Params) -> Json:
    """A path for /file/bot<token>/…; Telegram serves bots up to 20 MB."""
    file = world.files.get(params.text("file_id"))
    if file is None:
        raise bad_request("invalid file_id")
    if file.size > MAX_DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return {
        "file_id": file.file_id,
        "file_unique_id": file.unique_id,
        "file_size": file.size,
        "file_path": file.path,
    }
