@echo off
rem Install without a network: install.bat [FOLDER], then FOLDER\Scripts\zoning serve.
setlocal enabledelayedexpansion
set HERE=%~dp0
set TARGET=%~1
if "%TARGET%"=="" set TARGET=%HERE%zoning
if "%PYTHON%"=="" set PYTHON=python
%PYTHON% -c "import sys; sys.exit(sys.version_info < (3, 11))" || (echo Python 3.11 or newer is needed & exit /b 2)
%PYTHON% -m venv "%TARGET%" || exit /b 1
for %%w in ("%HERE%wheels\*.whl") do set WHEELS=!WHEELS! "%%w"
"%TARGET%\Scripts\python" -m pip install --quiet --disable-pip-version-check --no-index %WHEELS% || exit /b 1
"%TARGET%\Scripts\python" -m zoning.measure.warm
echo OK  "%TARGET%\Scripts\zoning" init DEMO --demo
