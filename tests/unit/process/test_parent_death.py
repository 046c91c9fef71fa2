"""How a command is bound to the life of the one that starts it."""

from workers.process.parent_death import bound


def test_a_bound_command_is_one_process_that_dies_with_its_parent() -> None:
    argv = bound(["/bin/ffmpeg", "-i", "pipe:0"], "/bin/setpriv")
    assert argv == ["/bin/setpriv", "--pdeathsig", "KILL", "--", "/bin/ffmpeg", "-i", "pipe:0"]


def test_without_the_tool_the_command_stays_as_it_is() -> None:
    assert bound(["ffmpeg"], None) == ["ffmpeg"]
