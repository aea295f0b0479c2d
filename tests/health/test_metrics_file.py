"""The file for node_exporter, on a real disk."""

import asyncio
import os

from agent.health.metrics_file import MetricsFile


def put(file, *texts):
    """Put texts one after the other; return the troubles that were told."""
    troubles = []

    async def story():
        metrics = MetricsFile(file, troubles.append)
        for text in texts:
            metrics.put(text)
            await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))

    asyncio.run(story())
    return troubles


def test_the_newest_is_there_whole_and_everybody_may_read_it(tmp_path):
    before = os.umask(0o077)
    try:
        assert put(tmp_path / "corner.prom", "a 1\n", "a 2\n") == []
    finally:
        os.umask(before)
    assert (tmp_path / "corner.prom").read_text() == "a 2\n"
    assert (tmp_path / "corner.prom").stat().st_mode & 0o777 == 0o644
    assert [file.name for file in tmp_path.iterdir()] == ["corner.prom"]


def test_whoever_has_it_open_reads_the_old_one_to_its_end(tmp_path):
    file = tmp_path / "corner.prom"
    put(file, "old 1\n")
    with file.open() as reader:
        put(file, "new 1\n")
        assert reader.read() == "old 1\n"


def test_a_folder_that_is_not_there_is_one_trouble(tmp_path):
    (trouble,) = put(tmp_path / "gone" / "corner.prom", "a 1\n", "a 2\n", "a 3\n")
    assert "no such file" in trouble
    assert "ReadWritePaths" in trouble


def test_a_trouble_that_comes_back_is_told_again(tmp_path):
    folder, troubles = tmp_path / "textfile", []

    async def story():
        metrics = MetricsFile(folder / "corner.prom", troubles.append)
        for there in (False, True, False):
            if there:
                folder.mkdir()
            elif folder.exists():
                (folder / "corner.prom").unlink()
                folder.rmdir()
            metrics.put("a 1\n")
            await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))

    asyncio.run(story())
    assert len(troubles) == 2


def test_a_disk_that_does_not_answer_is_told_once_and_holds_up_nobody(tmp_path):
    fifo, troubles = tmp_path / ".corner.prom.tmp", []
    os.mkfifo(fifo)

    async def story():
        metrics = MetricsFile(tmp_path / "corner.prom", troubles.append)
        for _ in range(3):
            metrics.put("a 1\n")
            await asyncio.sleep(0)

    asyncio.run(story())
    assert troubles == ["metrics_file can not be written: the disk does not answer"]
    os.close(os.open(fifo, os.O_RDONLY | os.O_NONBLOCK))
