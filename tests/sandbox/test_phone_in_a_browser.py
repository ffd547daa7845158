"""The phone's page as a real page: headless Chromium at a phone's size, driven by selenium."""

import shutil
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

FONTS = Path(__file__).parents[2] / "assets" / "fonts"
WIDTH, HEIGHT = 390, 844
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """Chromium as a phone, with the project's own Chinese font where the machine has none."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    driver = shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("this test needs Debian's packages chromium and chromium-driver; they are not installed here")
    home = tmp_path_factory.mktemp("chromium")
    fonts = home / "fonts.conf"
    fonts.write_text(
        f'<?xml version="1.0"?><fontconfig><dir>{FONTS}</dir><dir>/usr/share/fonts</dir>'
        f"<cachedir>{home}/fonts</cachedir></fontconfig>",
        encoding="utf-8",
    )
    options = Options()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={home}/profile", f"--window-size={WIDTH},{HEIGHT}"):
        options.add_argument(flag)
    options.add_experimental_option(
        "mobileEmulation", {"deviceMetrics": {"width": WIDTH, "height": HEIGHT, "pixelRatio": 2.0, "touch": True}}
    )
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FONTCONFIG_FILE", str(fonts))
        patch.setenv("SE_OFFLINE", "true")
        started = webdriver.Chrome(options=options, service=Service(executable_path=driver))
    yield started
    started.quit()


@pytest.fixture
def picture(browser, tmp_path, request):
    """Saves what the browser shows, for whoever wants to look at it."""

    def taken(name):
        browser.save_screenshot(str(tmp_path / f"{name}.png"))

    return taken


def press(browser, kind):
    browser.find_element(By.CSS_SELECTOR, f"button.{kind}").click()
    WebDriverWait(browser, 10).until(lambda b: b.find_elements(By.CSS_SELECTOR, ".result h2"))
    return browser.find_element(By.CSS_SELECTOR, ".result h2").text


def test_a_customer_confirms_on_the_phone_and_the_order_is_paid(client, browser, picture):
    browser.get(client.show("6100000103", order_no="BROWSER1")["pay_url"])
    picture("confirm")
    assert client.query("BROWSER1") == ("0000", "USERPAYING")
    assert press(browser, "confirm") == "支付成功"
    picture("paid")
    assert client.query("BROWSER1") == ("0000", "SUCCESS")


def test_a_customer_refuses_on_the_phone_and_can_scan_again(client, browser, picture):
    url = client.show("6100000105", order_no="BROWSER2")["pay_url"]
    browser.get(url)
    assert press(browser, "refuse") == "已拒绝支付"
    picture("refused")
    assert client.query("BROWSER2") == ("0000", "PAYERROR")
    browser.get(url)
    assert press(browser, "confirm") == "支付成功"
    browser.get(url)
    assert browser.find_element(By.CSS_SELECTOR, ".result h2").text == "支付成功"


def test_the_page_fits_a_phone_its_style_holds_and_its_buttons_are_large(client, browser):
    browser.get(client.show("6100000102")["pay_url"])
    assert browser.execute_script("return document.documentElement.scrollWidth") == WIDTH
    confirm = browser.find_element(By.CSS_SELECTOR, "button.confirm")
    for button in browser.find_elements(By.TAG_NAME, "button"):
        box = button.rect
        assert box["height"] >= 56
        assert box["width"] >= 340
        assert box["y"] + box["height"] <= HEIGHT
    assert confirm.value_of_css_property("background-color") in ("rgb(0, 112, 107)", "rgba(0, 112, 107, 1)")
    assert [entry["message"] for entry in browser.get_log("browser")] == []


def test_a_dead_qr_says_so(client, clock, browser, picture):
    url = client.show()["pay_url"]
    clock.now_s += 7200
    browser.get(url)
    picture("over")
    assert browser.find_element(By.CSS_SELECTOR, ".result h2").text == "二维码已失效"
