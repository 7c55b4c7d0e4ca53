import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.testing.integration.TestServiceClient;
import io.grpc.testing.integration.TestServiceImpl;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;
import java.util.concurrent.Executors;

/**
 * Both ends of gRPC by grpc-java and its interop module, for tests of what lies between them.
 *
 * <pre>
 * serve                      the interop test service on a free port, which is printed
 * cases PORT netty|okhttp    runs the interop cases, and prints "passed NAME" for each that did
 * </pre>
 */
final class Interop {
  /** All that need no credentials of a cloud, and no server that knows HTTP GET or ORCA. */
  private static final List<String> CASES =
      List.of(
          "empty_unary",
          "large_unary",
          "client_compressed_unary_noprobe",
          "server_compressed_unary",
          "client_streaming",
          "client_compressed_streaming_noprobe",
          "server_streaming",
          "server_compressed_streaming",
          "ping_pong",
          "empty_stream",
          "custom_metadata",
          "status_code_and_message",
          "special_status_message",
          "unimplemented_method",
          "unimplemented_service",
          "cancel_after_begin",
          "cancel_after_first_response",
          "timeout_on_sleeping_server",
          "very_large_request",
          "rpc_soak");

  private Interop() {}

  public static void main(String[] args) throws Exception {
    if (args[0].equals("serve")) {
      serve();
    }
    for (String name : CASES) {
      run(name, args[1], args[2].equals("okhttp"));
      System.out.println("passed " + name);
    }
    System.exit(0);
  }

  private static void serve() throws Exception {
    Server server =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .maxInboundMessageSize(16 * 1024 * 1024)
            .addService(
                ServerInterceptors.intercept(
                    new TestServiceImpl(Executors.newScheduledThreadPool(2)),
                    TestServiceImpl.interceptors()))
            .build()
            .start();
    System.out.println(server.getPort());
    server.awaitTermination();
  }

  /** As its main does, but that this ends the process; no part of it is public. */
  private static void run(String name, String port, boolean okhttp) throws Exception {
    TestServiceClient client = new TestServiceClient();
    String[] args = {
      "--server_host=127.0.0.1",
      "--server_port=" + port,
      "--server_host_override=grpc.example.com",
      "--use_tls=false",
      "--use_okhttp=" + okhttp,
      "--soak_iterations=20",
      "--soak_per_iteration_max_acceptable_latency_ms=60000",
      "--soak_overall_timeout_seconds=120",
      "--test_case=" + name,
    };
    call(client, "parseArgs", String[].class, args);
    call(client, "setUp", null, null);
    try {
      call(client, "run", null, null);
    } finally {
      call(client, "tearDown", null, null);
    }
  }

  private static void call(TestServiceClient client, String name, Class<?> type, Object argument)
      throws Exception {
    Method method =
        type == null
            ? TestServiceClient.class.getDeclaredMethod(name)
            : TestServiceClient.class.getDeclaredMethod(name, type);
    method.setAccessible(true);
    try {
      Object unused = type == null ? method.invoke(client) : method.invoke(client, argument);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(name, e.getCause());
    }
  }
}
