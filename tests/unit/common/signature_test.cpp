// SPDX-License-Identifier: MIT
#include "common/signature.hpp"

#include <gtest/gtest.h>

#include "common/text.hpp"

namespace ccr {
namespace {

// Made for this test; `openssl dgst -sha256 -sign` says the same.
constexpr const char* key =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIEvwIBADANBgkqhkiG9w0BAQEFAASCBKkwggSlAgEAAoIBAQDFFCXHbysZHUeY\n"
    "rZzkLwhbq4y3FbYYjNvyT0stzLKrtifXBPyclR4l/pfDZHlIGNoUG3wt4CYV5rRS\n"
    "CNCP884dtBMzlynJmIS+2CUn0IXkzdhhT18vSWcJ25IsmtplXBGmTeoa1HwFhfHw\n"
    "Brweb9037kemzA6RIIH566CggaLxSyAqcp0Lxl877dCcCn8v+IFbT12grH7qv64C\n"
    "+b4ocuFfV07DTNNHgSC2Vw7YOl1jpI6neH5RhokbYLBYYTD+PFiuddbAvZLXWGMX\n"
    "wkuSDLP29t4lXC8auW9zusPWpPgesASKGgrxuZvD3VqlKrLem4XpC1EcAWDjfARu\n"
    "UOQgCxERAgMBAAECggEABVO/l636GMIxWr+qo4Jf8/ZlpddI5k38bgbVreXAGKMi\n"
    "XY4NdAAV4goJOSdgneHKF0wM5cKO1P249xS06oc5FZV2BWl7IC9muy/lhTd+PwqP\n"
    "ZEX8eS8/QUV1pI4FBENiWL/3aYU/2vhda1MLR7lXXfkrZ6dRZ3vc94/2dhA7AtGs\n"
    "VZWoveLk3vWJDfiTYaqjppUBFs+WI/r4YQpN/GCfYNllXuM9DHdh/NLD103Jn7aI\n"
    "faRzPnGj+2HBubbiKqNG0H10WSPjBzREGNJx09KYgJpJIJ0MOcxb19UPvxYKNHvE\n"
    "4IZ+1TFU0MNMXmdE3NoCwZ83GJD6Ls0Dbj6TmkplvwKBgQD5gaBK4mnk3OZrpcdS\n"
    "BDfrn+hKN6TmauX5dRDvK6IgSqCW9lRAl4jLn42Q2PULwSlSxqHVo7iN0BA2jtkB\n"
    "zKA4K0nZE1eP1tuPisQO9lG3jI9t+b/bn0hlLNE/vPPY4FpVSZHR8SiafzOqXe3y\n"
    "ZBMoeQuXQEiAPIgNIqKbjURpRwKBgQDKNTbaWyAbl/q/bKt2QhN86qKW3n29aYHv\n"
    "g1VnfetzoKHgcHf30KOn75aZzjDhkR4RS2xjVEwT25LKWxxAmq1UpF7PRp4hMQAk\n"
    "iTrWVCL8iA8ubshaS+KtVEsMkaqTtyYpLR0pOTDVCNGy7C0It2PJzRFTJJ32btrJ\n"
    "qlWBBhhe5wKBgQDSPWcLEqO2RGkotgUxV/qi4hiDSUX7HoJwZDODxRmU6i1NZ31w\n"
    "+/85zVUlg5tgb0BZzqQZeB6P6I1w24eCG6G6EsfkUYcL3jkeSAiSrv4GkztcqQEA\n"
    "l8QR9OTRN2+mBM45ZYepBvN2085+NS3GfIskJHMe3Pz6iYb+wnuQZUYLCwKBgQCx\n"
    "H6H37YCXiy5DBe6/vSuS7XkUjLo587S02Cc0a3GWrGt/zSTZN7JThaQ3AA2DWPms\n"
    "jpPYAlxNvLW9eceqs5MHJKBEEoirbF/CoU6ftb2b1Zbuxm3L4tMhn0fKL8Lqd7D+\n"
    "upzjokwrH/mIMCdWjkXj3DTDzrxrxDj0E7eoOG2amwKBgQDpGDF6WiTOF3Ty02h5\n"
    "HvmdUzc4MjDzoR5vdOm+3UOZUxkJDSL3Tt0wfv2wyS8mGBPcB2k7kBYFZ1j3OYvs\n"
    "Q4RNvxpvIBgoohjILJgrnnOEYBc2KH2osGJSnSGkxy6md0YFteKlNsIvCDRwnwuo\n"
    "9p5amUP4ElxwOD8vHJ3l1Uijgg==\n"
    "-----END PRIVATE KEY-----\n";
constexpr const char* signature =
    "61ff4f9691ccb124a1a57ed5c5f305faf3ace9ce13da8c1b0667132ff99bbf44128bbead29a44789"
    "7e02b3c5593a647723af0a8232b2e64b2a13ef0128a6dacf7acf415af91d662af48a1cc639cb76a9"
    "597724c249b5f7cdd8031f99477ec8e7af77e642cbb4fc32eb657827b5dc739e368c6c025ddb9d70"
    "047f3539f035d5545bbefb1938f1c8ad3743dbe29a3efa8efa397116c50a7efd9da6084bb0a5c2cf"
    "f243fa2dd6e23b8cb34d3e973e2e1b2dc3c92f91969cf8131971b6c0008aa30ed522bfe72955c846"
    "c7b4c5433d81db94534c213f5a546e5a05513fc962db6490e07f4aea46c4bf4a0a02e2b4e106a6fa"
    "3e9ffe3d68aeda18be11cf3fb92a6e85";

TEST(Signature, IsTheOneThatOpensslMakes) {
    const auto made = sign_rs256(key, "header.claims");
    ASSERT_TRUE(made) << made.error().detail;
    EXPECT_EQ(hex(*made), signature);
}

TEST(Signature, SaysNothingOfAKeyThatIsNone) {
    for (const std::string_view bad :
         {"", "SECRET", "-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----\n"}) {
        const auto made = sign_rs256(bad, "x");
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().kind, ErrorKind::config);
        EXPECT_EQ(made.error().chain().find("SECRET"), std::string::npos);
    }
}

}  // namespace
}  // namespace ccr
