package io.whygate.e2e.matrix;

import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Several endpoints or addresses, of which one alone is broken, or each in another way.
final class SeveralRows {
  private SeveralRows() {}

  static List<Row> all() {
    return List.of(
        Row.of(
                "one of two servers refuses, the other answers",
                Expected.served("blip.recovered"),
                pair(null))
            .because("connect-refused"),
        Row.of(
            "one of two servers refuses, the other hangs",
            Expected.page("application.workers-exhausted", 504, "http_response_timeout", "unknown"),
            Scene.RESPONSE,
            pair(new Fault.AcceptThenSilence())),
        Row.of(
            "nothing listens, and the name's addresses rotate",
            Expected.unsent("server.port-closed", 502, "connection_refused"),
            SeveralRows::rotating));
  }

  /// Both work, then one refuses; the other gets a fault too, where one is given.
  private static Row.Staging pair(@Nullable Fault other) {
    return scene -> {
      FaultyServer one = scene.open(FaultyServer.start());
      FaultyServer two = scene.open(FaultyServer.start());
      scene
          .upstream(one.uri() + "\", \"" + two.uri(), "balance = round-robin")
          .breaks(
              _ -> {
                one.fault(new Fault.NothingListens());
                if (other != null) {
                  two.fault(other);
                }
              },
              _ -> {
                one.mend();
                two.mend();
              });
    };
  }

  /// The resolver and the authority give the same addresses, each time in another order.
  private static void rotating(Scene scene) throws Exception {
    FaultyServer server = scene.open(FaultyServer.builder().address("127.0.2.1").start());
    FaultyServer twin =
        scene.open(FaultyServer.builder().address("127.0.2.2").port(server.port()).start());
    Names names = Names.of(scene).at(Names.SHORT, "127.0.2.1", "127.0.2.2");
    scene
        .upstream(server.uriFor(Sites.NAME), "")
        .breaks(
            _ -> {
              names.at(Names.SHORT, "127.0.2.2", "127.0.2.1");
              server.fault(new Fault.NothingListens());
              twin.fault(new Fault.NothingListens());
            },
            _ -> {
              server.mend();
              twin.mend();
            })
        .settles(Names.RUN_OUT);
  }
}
