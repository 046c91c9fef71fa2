"""A fleet on a virtual clock: the real coordinator, leases and store, and everything else made up.

agenda.py     the clock, and what happens when
server.py     Redis: a few commands, the real scripts, expiry by the virtual clock
client.py     the real Redis client, whose connections end at that server
air.py        the endpoints: who publishes when, and what is off air
run.py        a run of a stream on a node, by the rules of the real worker
node.py       a worker process: beats, renews, hears what is wanted
faults.py     what goes wrong, and when
world.py      all of that together
figures.py    what comes out
"""
