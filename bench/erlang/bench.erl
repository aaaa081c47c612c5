%% What Erlang does with the same work. Reads lines "what N K" and answers each with a line that holds one figure.
-module(bench).
-export([main/1, send/3, echo/0, init/1, handle_call/3, handle_cast/2]).
-behaviour(gen_server).

-define(PAYLOAD, binary:copy(<<"x">>, 64)).
-define(PORTS, 1000).

%% Peer: the other node, or 'none'.
main([Peer]) ->
    io:setopts([{encoding, latin1}]),
    io:format("ready~n"),
    loop(Peer).

loop(Peer) ->
    case io:get_line("") of
        eof -> halt();
        Line ->
            [What, N, K] = string:lexemes(string:trim(Line), " "),
            Figure = measure(list_to_atom(What), Peer, list_to_integer(N), list_to_integer(K)),
            io:format("~.3f~n", [float(Figure)]),
            loop(Peer)
    end.

%% Connects only: the other node waits to be asked.
measure(ping, Peer, _, _) ->
    case net_adm:ping(Peer) of pong -> 1; pang -> exit({no_connection, Peer}) end;

%% Messages a second, to a thousand processes of this node, in turn.
measure(local, _, N, _) ->
    Ports = list_to_tuple([spawn(fun() -> add(0) end) || _ <- lists:seq(1, ?PORTS)]),
    Start = now_us(),
    local(Ports, N),
    Sum = lists:sum([begin Port ! {report, self()}, receive {sum, Port, S} -> S end end || Port <- tuple_to_list(Ports)]),
    Sum = N,
    N * 1.0e6 / (now_us() - Start);

%% Messages a second that come from the other node, until the last is here.
measure(oneway, Peer, N, _) ->
    Start = now_us(),
    spawn(Peer, ?MODULE, send, [self(), 0, N]),
    items(0, N),
    N * 1.0e6 / (now_us() - Start);

%% One caller: the median of round trips in us. More: round trips a second.
measure(call, Peer, N, 1) ->
    Server = server(Peer),
    Times = lists:sort([trip(Server, I) || I <- lists:seq(1, N)]),
    lists:nth((N + 1) div 2, Times);
measure(call, Peer, N, K) ->
    Server = server(Peer),
    Each = max(1, N div K),
    Self = self(),
    Start = now_us(),
    Callers = [spawn_link(fun() -> [trip(Server, I) || I <- lists:seq(1, Each)], Self ! {done, self()} end) || _ <- lists:seq(1, K)],
    [receive {done, Caller} -> ok end || Caller <- Callers],
    Each * K * 1.0e6 / (now_us() - Start);

%% Octets of a process that waits for messages with one handler.
measure(memory, _, N, _) ->
    erlang:garbage_collect(),
    Before = erlang:memory(total),
    Pids = [spawn(fun() -> handler(I) end) || I <- lists:seq(1, N)],
    Octets = (erlang:memory(total) - Before) / N,
    [exit(Pid, kill) || Pid <- Pids],
    wait_dead(Pids),
    Octets.

now_us() -> erlang:monotonic_time(nanosecond) / 1000.

add(Sum) -> receive {add, N} -> add(Sum + N); {report, To} -> To ! {sum, self(), Sum} end.

local(_, 0) -> ok;
local(Ports, N) -> element(1 + N rem ?PORTS, Ports) ! {add, 1}, local(Ports, N - 1).

send(_, N, N) -> ok;
send(To, I, N) -> To ! {item, I, ?PAYLOAD}, send(To, I + 1, N).

items(N, N) -> ok;
items(I, N) -> receive {item, I, _} -> items(I + 1, N) end.

handler(I) -> receive {item, N} -> handler(I + N) end.

wait_dead(Pids) -> [begin Ref = monitor(process, Pid), receive {'DOWN', Ref, _, _, _} -> ok end end || Pid <- Pids].

%% A gen_server of the other node, one for all runs.
server(Peer) ->
    case get(server) of
        undefined ->
            Server = rpc:call(Peer, ?MODULE, echo, []),
            put(server, Server),
            Server;
        Server -> Server
    end.
echo() -> {ok, Pid} = gen_server:start(?MODULE, [], []), Pid.
init([]) -> {ok, none}.
handle_call({echo, I, Payload}, _, State) -> {reply, {I, Payload}, State}.
handle_cast(_, State) -> {noreply, State}.

trip(Server, I) ->
    Start = now_us(),
    {I, _} = gen_server:call(Server, {echo, I, ?PAYLOAD}),
    now_us() - Start.
