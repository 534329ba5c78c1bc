"""Coroutines that do not receive, and peers that do not read: what is kept for them is bounded."""

from __future__ import annotations

import asyncio

import pytest
from event_loops import Pair, echo, hold, run, until, url_of  # noqa: F401

import wsecho
from wsecho import aio


async def shaken_hands_with(make_peer, server):
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, make_peer, server)


def test_who_does_not_receive_is_not_read_from(run):
    async def main():
        async with Pair({"max_queue": 16}) as (server_side, client):
            sending = asyncio.ensure_future(send_for_ever(client, b"x" * 10_000))
            # Beside those that it may keep there is what the event queue had by then.
            for _ in range(3):
                await until(lambda: client._congestion and server_side._is_paused)
                await asyncio.sleep(0.1)
                assert server_side._unread_bytes < 32 << 20
                for _ in range(500):
                    await server_side.recv()
            sending.cancel()

    run(main())


async def send_for_ever(connection, message):
    while True:
        await connection.send(message)


def test_all_of_it_comes_once_it_is_received(run):
    async def main():
        async with Pair({"max_queue": 4}) as (server_side, client):

            async def send_all():
                for number in range(20_000):
                    await client.send(f"{number:0100}")

            sending = asyncio.ensure_future(send_all())
            await until(lambda: len(server_side._messages) >= 4)
            for number in range(20_000):
                assert int(await server_side.recv()) == number
            await sending

    run(main())


def test_few_large_messages_are_enough_to_wait(run):
    async def main():
        async with Pair({"max_queue_bytes": 100_000}) as (server_side, client):
            sending = asyncio.ensure_future(send_for_ever(client, b"x" * 60_000))
            await until(lambda: server_side._is_paused)
            assert len(server_side._messages) < 64
            sending.cancel()

    run(main())


def test_without_a_bound_all_is_kept(run):
    async def main():
        async with Pair({"max_queue": None}) as (server_side, client):
            for number in range(2000):
                await client.send(str(number))
            await until(lambda: len(server_side._messages) == 2000)
            assert not server_side._is_paused

    run(main())


@pytest.mark.parametrize("max_queue", [0, -1])
def test_a_bound_of_nothing_is_an_error(run, max_queue):
    async def main():
        with pytest.raises(ValueError, match="max_queue must be at least 1, or None"):
            await aio.serve(hold, max_queue=max_queue)
        with pytest.raises(ValueError, match="max_queue must be at least 1, or None"):
            aio.connect("ws://localhost/", max_queue=max_queue)

    run(main())


def test_send_waits_for_a_peer_that_does_not_read_and_goes_on_when_it_does(run):
    async def main():
        options = {"high_watermark_bytes": 1 << 20, "max_queued_bytes": 4 << 20}
        async with Pair(options, max_queue=1, max_message_bytes=1 << 20) as (server_side, client):
            client.peer.pause_reading()
            sent = 0

            async def send_much():
                nonlocal sent
                for _ in range(4000):
                    await server_side.send(b"x" * 10_000)
                    sent += 1

            sending = asyncio.ensure_future(send_much())
            while True:  # the kernel takes some, and then no more
                before = sent
                await asyncio.sleep(0.2)
                if sent == before:
                    break
            assert 0 < sent < 4000
            assert server_side.peer.queued_bytes < (1 << 20) + 20_000
            client.peer.resume_reading()
            for _ in range(4000):
                assert len(await client.recv()) == 10_000
            await sending

    run(main())


def test_who_waits_to_send_learns_of_the_end(run):
    async def main():
        async with Pair({"high_watermark_bytes": 100_000}) as (server_side, client):
            client.peer.pause_reading()
            sending = asyncio.ensure_future(send_for_ever(server_side, b"x" * 10_000))
            await until(lambda: server_side._congestion is not None)
            client.peer.close(4000)
            await client.wait_closed()
            with pytest.raises(aio.ConnectionClosed):
                await sending

    run(main())


def test_waiting_to_send_may_be_cancelled(run):
    async def main():
        async with Pair({"high_watermark_bytes": 100_000}) as (server_side, client):
            client.peer.pause_reading()
            sendings = [
                asyncio.ensure_future(send_for_ever(server_side, b"x" * 10_000)) for _ in range(3)
            ]
            await until(lambda: server_side._congestion is not None)
            sendings[0].cancel()
            client.peer.resume_reading()
            for _ in range(100):
                await client.recv()
            for sending in sendings:
                sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sendings[1]

    run(main())


def test_a_message_that_never_fits_is_an_error(run):
    async def main():
        async with Pair({"max_queued_bytes": 1000}) as (server_side, client):
            with pytest.raises(wsecho.TooBigError):
                await server_side.send("x" * 2000)
            await server_side.send("x" * 500)
            assert len(await client.recv()) == 500

    run(main())


def test_a_full_queue_is_waited_for(run):
    async def main():
        options = {"max_queued_bytes": 10_000, "high_watermark_bytes": 10_000}
        async with Pair(options) as (server_side, client):

            async def send_all():
                await asyncio.gather(*[server_side.send("x" * 6_000) for _ in range(500)])

            sending = asyncio.ensure_future(send_all())
            for _ in range(500):
                assert len(await client.recv()) == 6_000
            await sending

    run(main())


@pytest.mark.parametrize("waits", [{"high_watermark_bytes": 0}, {"backpressure_policy": 1}])
def test_who_does_not_want_to_wait_does_not(run, waits):
    async def main():
        async with Pair({"max_queued_bytes": 100_000, **waits}) as (server_side, client):
            client.peer.pause_reading()
            try:
                for _ in range(4000):
                    await asyncio.wait_for(server_side.send(b"x" * 10_000), 1)
            except wsecho.BackpressureError:
                assert "backpressure_policy" not in waits
            else:
                assert server_side.server.statistics().messages_dropped > 0

    run(main())


def test_the_policy_may_be_changed_for_one(run):
    async def main():
        async with Pair({"high_watermark_bytes": 100_000}) as (server_side, client):
            client.peer.pause_reading()
            sending = asyncio.ensure_future(send_for_ever(server_side, b"x" * 10_000))
            await until(lambda: server_side._congestion is not None)
            server_side.set_backpressure_policy(wsecho.BackpressurePolicy.CLOSE)
            with pytest.raises(aio.ConnectionClosedError):
                await sending
            assert server_side.close_event.cause is wsecho.CloseCause.SLOW_CONSUMER

    run(main())


def test_keys_and_lifetimes_hold_for_what_waits(run):
    async def main():
        async with Pair({"high_watermark_bytes": 0, "max_queued_bytes": 64 << 20}) as (
            server_side,
            client,
        ):
            client.peer.pause_reading()
            await server_side.send(b"x" * (32 << 20))
            for price in range(100):
                await server_side.send(str(price), key=7)
            await server_side.send("gone by then", lifetime_ms=1)
            await asyncio.sleep(0.02)
            await server_side.send("end")
            client.peer.close(1000)
            await server_side.wait_closed()
            engine = server_side.server.statistics()
            assert engine.messages_replaced == 99

    run(main())


def test_a_slow_peer_does_not_keep_others_waiting(run):
    async def main():
        async with aio.serve(echo, high_watermark_bytes=10_000) as server:
            async with aio.connect(url_of(server), max_queue=1) as slow:
                flooding = asyncio.ensure_future(send_for_ever(slow, b"x" * 1000))
                await until(lambda: slow._is_paused)
                async with aio.connect(url_of(server)) as quick:
                    for number in range(100):
                        await quick.send(str(number))
                        assert await quick.recv() == str(number)
                flooding.cancel()

    run(main())
