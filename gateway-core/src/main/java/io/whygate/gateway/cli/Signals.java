package io.whygate.gateway.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The signals that the operating system sends to the program.
///
/// The JDK has no supported way to hear SIGHUP but `sun.misc.Signal`. It is reached by reflection,
/// since javac's warning about it can be silenced for the whole project alone.
final class Signals {
  private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

  private Signals() {}

  /// Runs the action each time the signal comes, on a thread of the JVM's.
  ///
  /// @param signal such as `HUP`
  static void on(String signal, Runnable action) {
    try {
      Class<?> type = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Object handler =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(),
              new Class<?>[] {handlerType},
              (_, method, _) -> answer(action, method));
      type.getMethod("handle", type, handlerType)
          .invoke(null, type.getConstructor(String.class).newInstance(signal), handler);
    } catch (InvocationTargetException taken) {
      LOG.warn("SIG{} is not heard: {}", signal, taken.getTargetException().getMessage());
    } catch (ReflectiveOperationException absent) {
      LOG.warn("SIG{} is not heard: this Java has no sun.misc.Signal", signal);
    }
  }

  /// What the handler answers: it is told of a signal, and asked who it is, by the JDK alone.
  private static Object answer(Runnable action, Method method) {
    return switch (method.getName()) {
      case "handle" -> {
        action.run();
        yield true;
      }
      case "equals" -> false;
      case "hashCode" -> action.hashCode();
      default -> "signal handler";
    };
  }
}
