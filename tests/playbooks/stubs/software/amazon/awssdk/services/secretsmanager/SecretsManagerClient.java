package software.amazon.awssdk.services.secretsmanager;

import java.util.function.Consumer;

/** As much of the AWS SDK for Java 2 as the snippet calls. */
public interface SecretsManagerClient {
    static SecretsManagerClient create() { return null; }
    Response getSecretValue(Consumer<Request> request);
    interface Request { Request secretId(String id); }
    interface Response { String secretString(); }
}
