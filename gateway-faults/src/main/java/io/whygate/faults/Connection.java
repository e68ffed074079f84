package io.whygate.faults;

import io.whygate.faults.http.BadRequest;
import io.whygate.faults.http.Request;
import io.whygate.faults.http.RequestHead;
import io.whygate.faults.http.RequestReader;
import io.whygate.faults.http.Response;
import io.whygate.faults.http.ResponseWriter;
import io.whygate.faults.http.Site;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One accepted connection: its handshake, then its requests in order. Runs on a virtual thread of
/// its own; only [#closeFor] and [#abort] are called by others.
final class Connection implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

  private final FaultyServer server;
  private final Socket socket;
  private final long number;
  private volatile @Nullable Behaviour troubledBy;

  Connection(FaultyServer server, Socket socket, long number) {
    this.server = server;
    this.socket = socket;
    this.number = number;
  }

  @Override
  public void run() {
    try (socket) {
      serve();
    } catch (IOException e) {
      LOG.debug("connection {} of {} ended: {}", number, server, e.toString());
    } finally {
      server.forget(this);
    }
  }

  /// Ends what hangs or misbehaves under an earlier behaviour; a healthy connection lives on.
  void closeFor(Behaviour next) {
    Behaviour troubled = troubledBy;
    if (troubled != null && !troubled.equals(next)) {
      abort();
    }
  }

  /// Closes it from outside; whoever reads or writes on it gets an exception.
  void abort() {
    try {
      socket.close();
    } catch (IOException e) {
      LOG.debug("connection {} of {} would not close", number, server, e);
    }
  }

  private void serve() throws IOException {
    socket.setTcpNoDelay(true);
    Behaviour behaviour = server.behaviour();
    if (behaviour.fault() instanceof Fault.OnAccept fault && !greet(fault, behaviour)) {
      return;
    }
    Wire wire = open(behaviour);
    if (wire == null) {
      return;
    }
    try {
      exchange(wire);
      wire.close();
    } catch (BadRequest e) {
      Response refusal = Response.text(400, e.getMessage() + "\n").with("Connection", "close");
      new ResponseWriter(wire.out()).write(unreadable(), refusal);
      wire.close();
    }
  }

  /// Does a fault of the accept; true where the connection goes on.
  private boolean greet(Fault.OnAccept fault, Behaviour behaviour) throws IOException {
    return switch (fault) {
      case Fault.CloseOnAccept() -> false;
      case Fault.ResetOnAccept() -> {
        Wire.reset(socket);
        yield false;
      }
      case Fault.ResetBurst(int perSecond) -> {
        boolean within = server.acceptedInLastSecond() <= perSecond;
        if (!within) {
          Wire.reset(socket);
        }
        yield within;
      }
      case Fault.BinaryProtocol(Fault.Greeting greeting) -> {
        trouble(behaviour);
        socket.getOutputStream().write(greeting.bytes());
        socket.getInputStream().read(new byte[4096]);
        yield false;
      }
    };
  }

  private @Nullable Wire open(Behaviour behaviour) throws IOException {
    Traffic traffic = server.traffic();
    if (!behaviour.encrypted()) {
      return Wire.counted(socket, socket.getInputStream(), socket.getOutputStream(), traffic);
    }
    if (behaviour.tlsFault() != null) {
      trouble(behaviour);
    }
    return switch (server.tlsDoor().enter(socket, behaviour.tlsFault())) {
      case TlsDoor.Handshaken(var tls) ->
          Wire.counted(socket, tls.getInputStream(), tls.getOutputStream(), traffic);
      case TlsDoor.Plain(int firstByte) when firstByte < 0 ->
          Wire.counted(socket, socket.getInputStream(), socket.getOutputStream(), traffic);
      case TlsDoor.Plain(int firstByte) -> {
        refusePlain(firstByte);
        yield null;
      }
      case TlsDoor.TurnedAway() -> null;
    };
  }

  /// Answers plain HTTP on the TLS port as nginx does.
  private void refusePlain(int firstByte) throws IOException {
    InputStream whole =
        new SequenceInputStream(
            new ByteArrayInputStream(new byte[] {(byte) firstByte}), socket.getInputStream());
    Wire wire = Wire.counted(socket, whole, socket.getOutputStream(), server.traffic());
    RequestHead head;
    try {
      head = new RequestReader(wire.in(), number).next();
    } catch (BadRequest notHttpEither) {
      head = unreadable();
    }
    if (head != null) {
      Response refusal = Misbehaviour.nginxTlsRequired().with("Connection", "close");
      new ResponseWriter(wire.out()).write(head, refusal);
    }
    wire.close();
  }

  private void exchange(Wire wire) throws IOException {
    var reader = new RequestReader(wire.in(), number);
    long answeredNanos = 0;
    while (true) {
      if (!awaitRequest(wire)) {
        return;
      }
      long idleNanos = answeredNanos == 0 ? 0 : System.nanoTime() - answeredNanos;
      RequestHead head = reader.next();
      if (head == null) {
        return;
      }
      server.traffic().requestRead(head);
      if (!answer(wire, reader, head, Duration.ofNanos(idleNanos))) {
        return;
      }
      answeredNanos = System.nanoTime();
    }
  }

  /// Waits for the first byte of a request; false where the client closed, or was idle too long.
  private boolean awaitRequest(Wire wire) throws IOException {
    Duration idle = server.idleClose();
    wire.in().mark(1);
    try {
      socket.setSoTimeout(Math.clamp(idle.toMillis(), 0, Integer.MAX_VALUE));
      int first = wire.in().read();
      wire.in().reset();
      return first >= 0;
    } catch (SocketTimeoutException e) {
      return false;
    } finally {
      if (!socket.isClosed()) {
        socket.setSoTimeout(0);
      }
    }
  }

  private boolean answer(Wire wire, RequestReader reader, RequestHead head, Duration idleBefore)
      throws IOException {
    InputStream body = reader.body(head);
    var writer = new ResponseWriter(wire.out());
    if (head.hasToken("Expect", "100-continue")) {
      writer.writeContinue();
    }
    Behaviour behaviour = server.behaviour();
    if (behaviour.fault() instanceof Fault.OnRequest fault) {
      body.transferTo(OutputStream.nullOutputStream());
      trouble(behaviour);
      Misbehaviour.Next next = new Misbehaviour(wire, behaviour, idleBefore).commit(fault, head);
      if (next != Misbehaviour.Next.ANSWER) {
        untroubled();
        return next == Misbehaviour.Next.KEEP;
      }
      untroubled();
      body = InputStream.nullInputStream();
    }
    Site site = server.site();
    boolean keepsAlive = writer.write(head, site.respond(new Request(head, body, wire.in())));
    if (keepsAlive) {
      body.transferTo(OutputStream.nullOutputStream());
    }
    return keepsAlive;
  }

  private void trouble(Behaviour behaviour) throws IOException {
    troubledBy = behaviour;
    if (!server.behaviour().equals(behaviour)) {
      throw new IOException("the server was switched meanwhile");
    }
  }

  private void untroubled() {
    troubledBy = null;
  }

  private RequestHead unreadable() {
    return new RequestHead("?", "?", "HTTP/1.1", List.of(), "", number, 0);
  }
}
